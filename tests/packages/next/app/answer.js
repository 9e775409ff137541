/** The route that judges webhooks by a package. */
export const route =
  ({ statusForStage, webhooks }) =>
  async (request) => {
    try {
      const body = await request.text()
      const { contactId, stage } = webhooks.constructEvent(body, request.headers, { hmac: process.env.SECRET })
      return Response.json({ contactId, status: statusForStage(stage) })
    } catch ({ code }) {
      return Response.json({ code })
    }
  }
