/** What the shop sells. Prices are the shop's, never the browser's. */
export const CATALOGUE = [
  { slug: 'barrel', name: 'Barrel sauna', price: '4999.00', line: 'Thermowood staves, for four' },
  { slug: 'cabin', name: 'Garden cabin', price: '8450.00', line: 'Nordic spruce with a porch, for six' },
  { slug: 'lakeside', name: 'Lakeside panorama', price: '12900.00', line: 'One wall of glass, for eight' },
] as const

export type Product = (typeof CATALOGUE)[number]

export const productOf = (slug: string): Product | undefined => CATALOGUE.find((one) => one.slug === slug)

export const euros = (amount: string | number): string =>
  new Intl.NumberFormat('en-IE', { style: 'currency', currency: 'EUR', maximumFractionDigits: 0 }).format(Number(amount))
