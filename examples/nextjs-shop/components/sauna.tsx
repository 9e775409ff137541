/** A drawing of a product. */
export function Sauna({ slug }: { slug: string }) {
  return (
    <svg className="drawing" viewBox="0 -12 160 102" aria-hidden="true">
      <path className="ground" d="M6 88h148" />
      <Shape slug={slug} />
    </svg>
  )
}

function Shape({ slug }: { slug: string }) {
  if (slug === 'barrel') {
    return (
      <>
        <circle cx="62" cy="58" r="30" />
        <path d="M62 28h50a30 30 0 0 1 0 60H62M83 37h50M92 58h50M83 79h50M108 28v-10h8v11" />
        <path className="door" d="M52 86V52a10 10 0 0 1 20 0v34" />
        <path className="steam" d="M110 12c-4-6 4-8 0-14m5 14c-4-6 4-8 0-14" />
      </>
    )
  }
  if (slug === 'cabin') {
    return (
      <>
        <path d="M22 50 74 20l62 30M32 46v42h92V46M32 58h92M32 70h92M110 36V20h8v19" />
        <path className="door" d="M66 88V56h20v32" />
        <path className="steam" d="M112 14c-4-6 4-8 0-14m5 14c-4-6 4-8 0-14" />
        <path className="glass" d="M98 56h16v14H98z" />
      </>
    )
  }
  return (
    <>
      <path d="M20 40 140 28v60H20zM112 30V18h8v11M104 32v56" />
      <path className="glass" d="M28 48l68-7v39H28zM62 45v35" />
      <path className="door" d="M114 88V50h16v38" />
      <path className="steam" d="M114 12c-4-6 4-8 0-14m5 14c-4-6 4-8 0-14" />
    </>
  )
}
