/** Values by series, of the text that Prometheus reads: `ghlkit_jobs{state="dead"}`. */
export type Series = ReadonlyMap<string, number>

export function seriesOf(text: string): Series {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => {
      const cut = line.lastIndexOf(' ')
      return [line.slice(0, cut), Number(line.slice(cut + 1))]
    }),
  )
}

/** The sum over a metric's series whose labels hold this, e.g. `code="ok"`. */
export function total(series: Series, metric: string, label = ''): number {
  let sum = 0
  for (const [name, value] of series) if (name.startsWith(metric) && name.includes(label)) sum += value
  return sum
}

/** A metric by one of its labels. */
export function byLabel(series: Series, metric: string, label: string): [string, number][] {
  const pattern = new RegExp(`^${metric}\\{(?:.*,)?${label}="([^"]*)"`)
  return [...series].flatMap(([name, value]) => {
    const found = pattern.exec(name)?.[1]
    return found === undefined ? [] : [[found, value] as [string, number]]
  })
}
