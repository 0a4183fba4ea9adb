import type { Texts } from './texts.js'

export const sk: Texts = {
  code: {
    registration: '{{code}} je váš registračný kód pre {{app}}. Nikomu ho neposkytujte.',
    login: '{{code}} je váš prihlasovací kód pre {{app}}. Nikomu ho neposkytujte.',
    two_factor: '{{code}} je váš bezpečnostný kód pre {{app}}. Nikomu ho neposkytujte.',
    password_reset: '{{code}}: kód na obnovenie hesla k {{app}}. Nikomu ho neposkytujte.',
    phone_change: '{{code}}: kód na zmenu telefónu v {{app}}. Nikomu ho neposkytujte.',
    payment: '{{code}}: kód na potvrdenie v {{app}}: {{details}}.',
    marketing_opt_in: '{{code}}: kód na potvrdenie odberu SMS od {{app}}. Platí {{minutes}} min.',
    other: '{{code}}: váš kód pre {{app}}. Platí {{minutes}} min. Nikomu ho neposkytujte.',
  },
  notice: {
    password_changed: 'Heslo k účtu {{app}} bolo zmenené. Ak nie vami, kontaktujte nás.',
    password_reset: 'Heslo k účtu {{app}} bolo obnovené. Ak nie vami, kontaktujte nás.',
    phone_changed_old: 'Telefón účtu {{app}} bol zmenený. Ak nie vami, kontaktujte nás.',
    phone_changed_new: 'Toto telefónne číslo teraz patrí k vášmu účtu {{app}}.',
    security_alert: 'Nezvyčajná aktivita v {{app}}. Neboli ste to vy? Kontaktujte nás.',
  },
}
