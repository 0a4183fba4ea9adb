import type { Texts } from './texts.js'

export const lt: Texts = {
  code: {
    registration: '{{code}}: {{app}} registracijos kodas. Galioja {{minutes}} min. Niekam jo neatskleiskite.',
    login: '{{code}}: {{app}} prisijungimo kodas. Galioja {{minutes}} min. Niekam jo neatskleiskite.',
    two_factor: '{{code}}: {{app}} saugos kodas. Galioja {{minutes}} min. Niekam jo neatskleiskite.',
    password_reset: '{{code}}: {{app}} slaptažodžio atkūrimo kodas. Niekam neatskleiskite.',
    phone_change: '{{code}}: {{app}} telefono numerio keitimo kodas. Galioja {{minutes}} min. Niekam jo neatskleiskite.',
    payment: '{{code}}: {{app}} patvirtinimo kodas: {{details}}. Galioja {{minutes}} min. Niekam jo neatskleiskite.',
    marketing_opt_in: '{{code}}: sutikimo gauti {{app}} SMS patvirtinimo kodas. Galioja {{minutes}} min.',
    other: '{{code}}: {{app}} kodas. Galioja {{minutes}} min. Niekam jo neatskleiskite.',
  },
  notice: {
    password_changed: 'Pakeistas {{app}} slaptažodis. Jei tai ne Jūs, praneškite mums.',
    password_reset: 'Atkurtas {{app}} slaptažodis. Jei tai ne Jūs, praneškite mums.',
    phone_changed_old: 'Pakeistas Jūsu {{app}} telefonas. Jei tai ne Jūs, praneškite mums.',
    phone_changed_new: 'Šis telefono numeris dabar priskirtas Jūsu {{app}} paskyrai.',
    security_alert: 'Neįprasta veikla: {{app}}. Jei tai ne Jūs, praneškite mums.',
  },
}
