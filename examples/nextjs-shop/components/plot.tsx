/** A line of a plot, each value at its moment. */
export interface Line {
  name: string
  className: string
  values: number[]
}

interface Props {
  title: string
  /** What the values are, under the title. */
  unit: string
  /** The moments, oldest first, in epoch milliseconds. */
  at: number[]
  lines: Line[]
}

const [WIDTH, HEIGHT] = [360, 110]

/** How something went over time, drawn on the server. */
export function Plot({ title, unit, at, lines }: Props) {
  const top = nice(Math.max(1, ...lines.flatMap(({ values }) => values)))
  const [first = 0, last = 0] = [at[0], at.at(-1)]
  const x = (index: number) => (last === first ? 0 : (((at[index] ?? first) - first) / (last - first)) * WIDTH)
  const y = (value: number) => HEIGHT - (value / top) * HEIGHT
  const now = lines.map(({ name, values }) => `${name} ${values.at(-1) ?? 0}`).join(', ')
  return (
    <figure className="card plot">
      <figcaption>
        <h3>{title}</h3>
        <span className="muted">{unit}</span>
      </figcaption>
      {at.length < 2 ? (
        <p className="muted waiting">Two looks make a line; the first is done.</p>
      ) : (
        <div className="plot-area">
          <span className="top">{top}</span>
          <span className="zero">0</span>
          <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={`${title}: now ${now}`}>
            <path className="grid" d={`M0 0H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}M0 ${HEIGHT}H${WIDTH}`} />
            {lines.map(({ name, className, values }) => (
              <path key={name} className={`area ${className}`} d={`${path(values, x, y)}L${x(values.length - 1)} ${HEIGHT}L0 ${HEIGHT}Z`} />
            ))}
            {lines.map(({ name, className, values }) => (
              <path key={name} className={`line ${className}`} d={path(values, x, y)} />
            ))}
          </svg>
          <span className="from">{timeOf(first)}</span>
          <span className="to">{timeOf(last)}</span>
        </div>
      )}
      <ul className="key">
        {lines.map(({ name, className, values }) => (
          <li key={name} className={className}>
            {name} <strong>{values.at(-1) ?? 0}</strong>
          </li>
        ))}
      </ul>
    </figure>
  )
}

function path(values: number[], x: (index: number) => number, y: (value: number) => number): string {
  return values.map((value, index) => `${index === 0 ? 'M' : 'L'}${x(index).toFixed(1)} ${y(value).toFixed(1)}`).join('')
}

/** The next round number: 1, 2 or 5 and zeros. */
function nice(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 2, 5].find((step) => step * power >= value) ?? 10) * power
}

const timeOf = (at: number) => new Date(at).toLocaleTimeString('en-IE', { hour: '2-digit', minute: '2-digit' })
