// What a page must not do: calling GHL with a token that its visitors can read.
import { Ghl } from '@ghlkit/wasm'

export function withToken() {
  try {
    return new Ghl({ token: 'pit-1', locationId: 'loc1' })
  } catch ({ code, field }) {
    return { code, field }
  }
}
