import { type DestinationStream, type Logger, pino } from 'pino'

/**
 * One line of JSON for every request, decision and fault. Nothing that is logged holds a number, a code, a token or a password: events of
 * the verifier are made so, and of a request only route, status and time are said. What an error says may be anything, so only its name and
 * code are.
 */
export const createLog = (destination?: DestinationStream): Logger =>
  pino(
    {
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
      serializers: { err: ({ name, code }: { readonly name?: string; readonly code?: string }) => ({ name, code }) },
    },
    ...(destination === undefined ? [] : [destination]),
  )
