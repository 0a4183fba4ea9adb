import type { Texts } from './texts.js'

export const hu: Texts = {
  code: {
    registration: '{{code}} az Ön {{app}} regisztrációs kódja. Ne adja meg senkinek.',
    login: '{{code}} az Ön {{app}} belépési kódja. Ne adja meg senkinek.',
    two_factor: '{{code}} az Ön {{app}} biztonsági kódja. Ne adja meg senkinek.',
    password_reset: '{{code}}: {{app}} jelszó-visszaállító kód. Ne adja meg senkinek.',
    phone_change: '{{code}}: {{app}} telefonszám-módosító kód. Ne adja meg senkinek.',
    payment: '{{code}}: {{app}} jóváhagyó kód: {{details}}. Ne adja ki.',
    marketing_opt_in: '{{code}}: {{app}} SMS-feliratkozást megerősítő kód.',
    other: '{{code}}: {{app}} kód. {{minutes}} percig érvényes. Ne adja meg senkinek.',
  },
  notice: {
    password_changed: 'Új jelszó az Ön {{app}}-fiókjában. Ha nem Ön volt, jelezze nekünk.',
    password_reset: 'Jelszó-visszaállítás: {{app}}. Ha nem Ön volt, jelezze nekünk.',
    phone_changed_old: 'Új telefonszám: {{app}}-fiók. Ha nem Ön volt, jelezze nekünk.',
    phone_changed_new: 'Ez a telefonszám mostantól az Ön {{app}}-fiókjához tartozik.',
    security_alert: 'Szokatlan tevékenység: {{app}}. Ha nem Ön volt, jelezze nekünk.',
  },
}
