/** A deliberate defect: one change of the source, and the test that must not live with it. */
export interface Defect {
  readonly name: string
  /** The file of `src` that is changed. */
  readonly file: string
  /** Stands there exactly once. */
  readonly find: string
  readonly replace: string
  /** The test, by its file in `test` and the beginning of its name, that of its group first. */
  readonly caughtBy: readonly [file: string, name: string]
}
