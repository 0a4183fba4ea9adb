/** A promise about a figure. */
export interface Gate {
  readonly name: string
  readonly value: number
  readonly atLeast?: number
  readonly atMost?: number
  /** Why the figure says nothing: the run was too noisy. */
  readonly inconclusive?: string
}

/** What one scenario found: a table for people, figures for `results.json`. */
export interface Report {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | number)[])[]
  readonly gates: readonly Gate[]
  readonly notes: readonly string[]
}

/** What a scenario is told. */
export interface Request {
  /** Two minutes for all of them together. */
  readonly quick: boolean
}

/** What a scenario's process does: the request is its argument, the report its one message. */
export async function scenario(run: (request: Request) => Promise<Report>): Promise<void> {
  const report = await run(JSON.parse(process.argv[2] ?? '{"quick":true}'))
  if (process.send === undefined) return console.log(text(report))
  process.send(report, () => process.disconnect())
}

const round = (value: number) => String(Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3)))

const cell = (value: string | number) => (typeof value === 'number' ? round(value) : value)

export const holds = ({ value, atLeast = -Infinity, atMost = Infinity }: Gate) => value >= atLeast && value <= atMost

function line(gate: Gate): string {
  const { name, value, atLeast, atMost, inconclusive } = gate
  const sign = atLeast === undefined ? '≤' : atLeast === atMost ? '=' : '≥'
  const bound = `${sign} ${round(atLeast ?? atMost ?? Infinity)}`
  const verdict = inconclusive === undefined ? (holds(gate) ? 'holds' : 'MISSED') : `inconclusive: ${inconclusive}`
  return `  ${name}: ${round(value)} (${bound}) ${verdict}`
}

/** A report as people read it. */
export function text({ title, columns, rows, gates, notes }: Report): string {
  const cells = [columns, ...rows.map((row) => row.map(cell))]
  const widths = columns.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)))
  const aligned = (row: readonly string[]) =>
    row.map((value, column) => (column === 0 ? value.padEnd(widths[0] ?? 0) : value.padStart(widths[column] ?? 0))).join('  ')
  return ['', title, ...cells.map((row) => `  ${aligned(row)}`), ...gates.map(line), ...notes.map((note) => `  ${note}`)].join('\n')
}
