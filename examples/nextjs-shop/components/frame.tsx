import type { ReactNode } from 'react'

/** What all pages have around them. */
export function Frame({ children }: { children: ReactNode }) {
  return (
    <>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <header className="masthead">
        <a href="/" className="brand">
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <path d="M4 15 16 5l12 10v12H4z" />
            <path d="M12 23c-3-4 2-5 0-9m4 9c-3-4 2-5 0-9m4 9c-3-4 2-5 0-9" />
          </svg>
          Ilio Sauna
        </a>
      </header>
      <main id="main">{children}</main>
      <footer className="footnote">
        <p>Ilio Sauna · Built to order in Kuopio</p>
      </footer>
    </>
  )
}
