import type { Texts } from './texts.js'

export const cs: Texts = {
  code: {
    registration: '{{code}} je váš registrační kód pro {{app}}. Nikomu ho nesdělujte.',
    login: '{{code}} je váš přihlašovací kód pro {{app}}. Nikomu ho nesdělujte.',
    two_factor: '{{code}} je váš bezpečnostní kód pro {{app}}. Nikomu ho nesdělujte.',
    password_reset: '{{code}}: kód pro obnovení hesla k {{app}}. Nikomu ho nesdělujte.',
    phone_change: '{{code}}: kód pro změnu telefonu v {{app}}. Nikomu ho nesdělujte.',
    payment: '{{code}}: kód k potvrzení v {{app}}: {{details}}.',
    marketing_opt_in: '{{code}}: kód k potvrzení odběru SMS od {{app}}. Platí {{minutes}} min.',
    other: '{{code}} je váš kód pro {{app}}. Platí {{minutes}} min. Nikomu ho nesdělujte.',
  },
  notice: {
    password_changed: 'Heslo k účtu {{app}} bylo změněno. Pokud ne vámi, kontaktujte nás.',
    password_reset: 'Heslo k účtu {{app}} bylo obnoveno. Pokud ne vámi, kontaktujte nás.',
    phone_changed_old: 'Telefon účtu {{app}} byl změněn. Pokud ne vámi, kontaktujte nás.',
    phone_changed_new: 'Toto telefonní číslo nyní patří k vašemu účtu {{app}}.',
    security_alert: 'Neobvyklá aktivita v {{app}}. Nebyli jste to vy? Kontaktujte nás.',
  },
}
