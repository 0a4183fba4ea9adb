import type { Texts } from './texts.js'

export const sl: Texts = {
  code: {
    registration: '{{code}}: koda za registracijo v {{app}}. Velja {{minutes}} min. Nikomur je ne razkrijte.',
    login: '{{code}}: koda za prijavo v {{app}}. Velja {{minutes}} min. Nikomur je ne razkrijte.',
    two_factor: '{{code}}: varnostna koda za {{app}}. Velja {{minutes}} min. Nikomur je ne razkrijte.',
    password_reset: '{{code}}: koda za ponastavitev gesla v {{app}}. Velja {{minutes}} min. Nikomur je ne razkrijte.',
    phone_change: '{{code}}: koda za spremembo telefona v {{app}}. Velja {{minutes}} min. Nikomur je ne razkrijte.',
    payment: '{{code}}: koda za potrditev v {{app}}: {{details}}. Velja {{minutes}} min. Nikomur je ne razkrijte.',
    marketing_opt_in: '{{code}}: koda za potrditev prejemanja SMS-ov od {{app}}. Velja {{minutes}} min.',
    other: '{{code}}: koda za {{app}}. Velja {{minutes}} min. Nikomur je ne razkrijte.',
  },
  notice: {
    password_changed: 'Geslo za {{app}} je spremenjeno. Če niste bili vi, nas obvestite.',
    password_reset: 'Geslo za {{app}} je ponastavljeno. Če niste bili vi, nas obvestite.',
    phone_changed_old: 'Telefon za {{app}} je spremenjen. Če niste bili vi, nas obvestite.',
    phone_changed_new: 'Ta telefonska številka zdaj pripada vašemu računu v {{app}}.',
    security_alert: 'Nenavadna dejavnost v {{app}}. Če niste bili vi, nas obvestite.',
  },
}
