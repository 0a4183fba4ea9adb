import { success } from '../../examples/service/envelope.js'
import { route } from '../../examples/service/route.js'
import { runService } from '../../examples/service/run-service.js'
import { serveProbe } from './service-probe.js'

// A service whose one answer takes as long as its asker says: what a process does at its end is tried on it.
await runService('probe', (parts) =>
  serveProbe('Express', parts, [
    route({
      ...{ method: 'GET', path: '/slow/', summary: 'Slow', replies: { 200: 'Well' } },
      async answer({ query }) {
        parts.log.info('begun')
        await new Promise((resolve) => setTimeout(resolve, Number(query.get('ms'))))
        return success(200, 'well')
      },
    }),
  ]),
)
