import type { Texts } from './texts.js'

export const hr: Texts = {
  code: {
    registration: '{{code}}: kod za registraciju na {{app}}. Vrijedi {{minutes}} min. Ne dijelite ga ni s kim.',
    login: '{{code}}: kod za prijavu na {{app}}. Vrijedi {{minutes}} min. Ne dijelite ga ni s kim.',
    two_factor: '{{code}}: sigurnosni kod za {{app}}. Vrijedi {{minutes}} min. Ne dijelite ga ni s kim.',
    password_reset: '{{code}}: kod za ponovno postavljanje lozinke za {{app}}. Vrijedi {{minutes}} min. Ne dijelite ga ni s kim.',
    phone_change: '{{code}}: kod za promjenu telefonskog broja na {{app}}. Vrijedi {{minutes}} min. Ne dijelite ga ni s kim.',
    payment: '{{code}}: kod za potvrdu na {{app}}: {{details}}. Vrijedi {{minutes}} min. Ne dijelite ga ni s kim.',
    marketing_opt_in: '{{code}}: kod za potvrdu primanja SMS poruka od {{app}}. Vrijedi {{minutes}} min.',
    other: '{{code}}: kod za {{app}}. Vrijedi {{minutes}} min. Ne dijelite ga ni s kim.',
  },
  notice: {
    password_changed: 'Lozinka za {{app}} je promijenjena. Ako to niste bili Vi, odmah kontaktirajte {{app}}.',
    password_reset: 'Lozinka za {{app}} je ponovno postavljena. Ako to niste bili Vi, odmah kontaktirajte {{app}}.',
    phone_changed_old: 'Telefonski broj za {{app}} je promijenjen. Ako to niste bili Vi, odmah kontaktirajte {{app}}.',
    phone_changed_new: 'Ovaj telefonski broj sada pripada Vašem računu na {{app}}.',
    security_alert: 'Neuobičajena aktivnost na {{app}}. Ako to niste Vi, javite nam se.',
  },
}
