/** Whether calls go through a `fetch` of the host's. */
export const fetches = true

const encoder = new TextEncoder()

/** The UTF-8 of a text. */
export const encode = (text: string): Uint8Array => encoder.encode(text)
