import type { Metadata, Viewport } from 'next'
import type { ReactNode } from 'react'

import '@/components/base.css'
import { Frame } from '@/components/frame'

export const metadata: Metadata = {
  title: { default: 'Ilio Sauna', template: '%s · Ilio Sauna' },
  description: 'Saunas built to order, from the first board to the first löyly.',
}

export const viewport: Viewport = { themeColor: '#f6f1ea', width: 'device-width', initialScale: 1 }

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>
        <Frame>{children}</Frame>
      </body>
    </html>
  )
}
