import type { Texts } from './texts.js'

export const sw: Texts = {
  code: {
    registration: '{{code}} ni msimbo wako wa kujisajili kwenye {{app}}. Unatumika kwa dakika {{minutes}}. Usimpe mtu yeyote.',
    login: '{{code}} ni msimbo wako wa kuingia kwenye {{app}}. Unatumika kwa dakika {{minutes}}. Usimpe mtu yeyote.',
    two_factor: '{{code}} ni msimbo wako wa usalama wa {{app}}. Unatumika kwa dakika {{minutes}}. Usimpe mtu yeyote.',
    password_reset: '{{code}} ni msimbo wa kuweka upya nenosiri lako la {{app}}. Unatumika kwa dakika {{minutes}}. Usimpe mtu yeyote.',
    phone_change:
      '{{code}} ni msimbo wa kubadilisha nambari yako ya simu kwenye {{app}}. Unatumika kwa dakika {{minutes}}. Usimpe mtu yeyote.',
    payment: '{{code}} ni msimbo wako wa kuthibitisha kwenye {{app}}: {{details}}. Unatumika kwa dakika {{minutes}}. Usimpe mtu yeyote.',
    marketing_opt_in: '{{code}} ni msimbo wa kuthibitisha kuwa unataka kupokea SMS kutoka {{app}}. Unatumika kwa dakika {{minutes}}.',
    other: '{{code}} ni msimbo wako wa {{app}}. Unatumika kwa dakika {{minutes}}. Usimpe mtu yeyote.',
  },
  notice: {
    password_changed: 'Nenosiri lako la {{app}} limebadilishwa. Ikiwa si wewe uliyefanya hivyo, wasiliana na {{app}} mara moja.',
    password_reset: 'Nenosiri lako la {{app}} limewekwa upya. Ikiwa si wewe uliyefanya hivyo, wasiliana na {{app}} mara moja.',
    phone_changed_old:
      'Nambari ya simu ya akaunti yako ya {{app}} imebadilishwa. Ikiwa si wewe uliyefanya hivyo, wasiliana na {{app}} mara moja.',
    phone_changed_new: 'Nambari hii ya simu sasa imeunganishwa na akaunti yako ya {{app}}.',
    security_alert: 'Kuna shughuli isiyo ya kawaida kwenye akaunti yako ya {{app}}. Ikiwa si wewe, wasiliana na {{app}} mara moja.',
  },
}
