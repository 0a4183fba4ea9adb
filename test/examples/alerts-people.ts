import type { PhoneNumber } from 'phone-verify'
import { insertAccount } from '../../examples/accounts/account.js'
import { createPasswords } from '../../examples/accounts/password.js'
import type { Severity } from '../../examples/alerts/alert.js'
import { type AlertsService, buildApp } from '../../examples/alerts/app.js'
import type { Preferences } from '../../examples/alerts/preferences.js'
import type { Letter } from '../../examples/service/mail.js'
import type { Reply, Visitor } from './visitor.js'
import { startWorld, type World, type WorldOptions } from './world.js'

const password = 'une phrase de passe'
const loud = {
  ...{ enabled_methods: ['web', 'email', 'sms'], min_severity_web: 'low', min_severity_email: 'low', min_severity_sms: 'low' },
  ...{ max_notifications_per_hour: 5, quiet_hours_start: null, quiet_hours_end: null },
  ...{ time_zone: 'Europe/Paris', enable_aggregation: true, language: 'fr' },
} as const satisfies Preferences

export interface Person {
  readonly id: string
  readonly phone: PhoneNumber
  readonly email: string
  visitor: Visitor
}

export interface Outcome {
  readonly channel: string
  readonly status: string
  readonly reason: string
  readonly says: string
  readonly history: readonly { readonly event: string; readonly reason: string }[]
}

/** The app, somebody who raises alerts, people who get them, and what they got. */
export async function startAlerts(options: WorldOptions = {}) {
  const letters: Letter[] = []
  const mail = { isAway: false }
  let service: AlertsService | undefined
  const world: World = await startWorld(async (parts) => {
    service = await buildApp(parts, {
      async sendMail(letter) {
        if (mail.isAway) throw new Error('no mail server')
        letters.push(letter)
      },
    })
    return service
  }, options)
  let people = 0

  const signIn = async (phone: string): Promise<Visitor> => {
    const visitor = world.visitor()
    visitor.bear((await visitor.post('/api/login/', { phone, password })).body.data.tokens.access)
    return visitor
  }

  const prefer = (person: Person, some: Partial<Preferences>): Promise<Reply> =>
    person.visitor.put('/api/alerts/preferences/', { ...loud, ...some })

  /** Somebody whom everything reaches, unless some preferences say otherwise. */
  const newcomer = async (some: Partial<Preferences> = {}): Promise<Person> => {
    people += 1
    const [phone, email] = [`+33612${100_000 + people * 1_007}` as PhoneNumber, `person${people}@example.com`]
    const passwordHash = await createPasswords(world.parts.passwordCost).hash(password)
    const account = { phone, email, passwordHash, firstName: 'Ada', lastName: 'Diallo', createdAt: new Date(world.parts.now()) }
    const inserted = await insertAccount(world.database, account)
    const person = { id: String(inserted?.id), phone, email, visitor: await signIn(phone) }
    const reply = await prefer(person, some)
    if (reply.status !== 200) throw new Error(reply.text)
    return person
  }

  const { phone: staffPhone, id: staffId } = await newcomer()
  await world.database.query('UPDATE account SET is_staff = true WHERE id = $1', [staffId])
  let staff = await signIn(staffPhone)

  const raise = async ({ id }: Pick<Person, 'id'>, severity: Severity = 'high', more: object = {}): Promise<Reply> =>
    staff.post('/api/alerts/', {
      ...{ account_id: Number(id), kind: 'anomaly', severity, title: 'Objet suspect', message: 'Un objet suspect a été détecté à 21:45' },
      ...more,
    })

  return {
    ...{ world, letters, mail, newcomer, prefer, raise, signIn },
    flush: () => service?.flush(),
    /** Access tokens end meanwhile. */
    async advance(ms: number, ...signedIn: Person[]) {
      await world.advance(ms)
      staff = await signIn(staffPhone)
      for (const person of signedIn) person.visitor = await signIn(person.phone)
    },
    textsTo: ({ phone }: Person) => world.carrier.sms.filter(({ to }) => to === phone).map(({ text }) => text),
    lettersTo: ({ email }: Person) => letters.filter(({ to }) => to === email),
    why: async ({ visitor }: Person, id: string): Promise<readonly Outcome[]> =>
      (await visitor.get(`/api/alerts/${id}/why/`)).body.data.channels,
  }
}

/** What became of an alert on a channel, as a raise or a why says it. */
export const on = (channel: string, outcomes: readonly Outcome[]) => {
  const outcome = outcomes.find((one) => one.channel === channel)
  return [outcome?.status, outcome?.reason]
}
