import type { AppProps } from 'next/app'

import '@/components/base.css'
import { Frame } from '@/components/frame'

import './order.css'

export default function App({ Component, pageProps }: AppProps) {
  return (
    <Frame>
      <Component {...pageProps} />
    </Frame>
  )
}
