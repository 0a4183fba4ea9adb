/** Everything of one name, as the exposition format has it. */
export interface Family {
  add(labels: Readonly<Record<string, string>>, by?: number, suffix?: string): void
  render(): string
}

const escaped = (value: string) => value.replace(/[\\"\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`))

/** Numbers that only grow, by their labels. */
export function createFamily(name: string, type: 'counter' | 'histogram', help: string): Family {
  const series = new Map<string, number>()
  return {
    add(labels, by = 1, suffix = '') {
      const said = Object.entries(labels).map(([label, value]) => `${label}="${escaped(value)}"`)
      const key = `${name}${suffix}{${said.join(',')}}`
      series.set(key, (series.get(key) ?? 0) + by)
    },
    render: () => `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${[...series].map(([key, value]) => `${key} ${value}\n`).join('')}`,
  }
}
