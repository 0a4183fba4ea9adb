/** What stands before the paths of the endpoints: nothing, or segments that a URL keeps as they are. */
export const isBasePath = (value: unknown): boolean =>
  value === '' ||
  (typeof value === 'string' &&
    value.startsWith('/') &&
    value
      .slice(1)
      .split('/')
      .every((segment) => /^[\w.~-]+$/.test(segment) && segment !== '.' && segment !== '..'))
