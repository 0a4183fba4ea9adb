/** What this app can be told besides its parts. */
export interface Options {
  /** `required`: only numbers of the allow-list register. `off`: every number of `countries` does. Default `required`. */
  readonly allowList?: 'required' | 'off'
  /** What a scraper of `/metrics` sends as its bearer token. Without one, only the staff reads them. */
  readonly metricsToken?: string
}

/**
 * The options of the environment.
 *
 * @throws an error that names the variable that is wrong
 */
export function readOptions({ ALLOW_LIST: allowList, METRICS_TOKEN: metricsToken }: NodeJS.ProcessEnv): Options {
  // A word that is misread must not open the door.
  if (allowList && allowList !== 'required' && allowList !== 'off') throw new Error('ALLOW_LIST is required or off')
  if (metricsToken && !/^[\w.~+/-]{32,}=*$/.test(metricsToken)) throw new Error('METRICS_TOKEN is 32 letters and digits or more')
  return { allowList: allowList === 'off' ? 'off' : 'required', ...(metricsToken && { metricsToken }) }
}
