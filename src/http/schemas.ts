/** JSON Schemas of the routes. */
export const routeSchemas = { send: {}, resend: {}, verify: {} } as const
