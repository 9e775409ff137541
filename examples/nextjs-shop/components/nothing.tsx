/** What is shown where there is nothing, or nothing for whoever asks. */
export function Nothing() {
  return (
    <section className="card">
      <h1>This address opens nothing.</h1>
      <p className="lead">
        If it is that of your order, please use the whole address from our e-mail: it holds a key that is yours alone.
      </p>
    </section>
  )
}
