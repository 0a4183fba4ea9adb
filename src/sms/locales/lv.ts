import type { Texts } from './texts.js'

export const lv: Texts = {
  code: {
    registration: '{{code}} ir Jūsu {{app}} reģistrācijas kods. Neizpaudiet to.',
    login: '{{code}} ir Jūsu {{app}} pieteikšanās kods. Neizpaudiet to.',
    two_factor: '{{code}} ir Jūsu {{app}} drošības kods. Neizpaudiet to.',
    password_reset: '{{code}} ir {{app}} paroles atjaunošanas kods. Neizpaudiet to.',
    phone_change: '{{code}} ir {{app}} tālruņa numura maiņas kods. Neizpaudiet to.',
    payment: '{{code}} ir {{app}} apstiprinājuma kods: {{details}}.',
    marketing_opt_in: '{{code}} ir kods {{app}} SMS saņemšanas apstiprināšanai.',
    other: '{{code}} ir Jūsu {{app}} kods. Derīgs {{minutes}} min. Neizpaudiet to.',
  },
  notice: {
    password_changed: 'Jūsu {{app}} parole nomainīta. Ja tas nebijāt Jūs, ziņojiet mums.',
    password_reset: 'Jūsu {{app}} parole atjaunota. Ja tas nebijāt Jūs, ziņojiet mums.',
    phone_changed_old: 'Jūsu {{app}} tālrunis nomainīts. Ja tas nebijāt Jūs, ziņojiet mums.',
    phone_changed_new: 'Šis tālruņa numurs tagad ir piesaistīts Jūsu {{app}} kontam.',
    security_alert: 'Neparasta darbība {{app}} kontā. Ja tas nebijāt Jūs, ziņojiet mums.',
  },
}
