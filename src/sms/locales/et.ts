import type { Texts } from './texts.js'

export const et: Texts = {
  code: {
    registration: '{{code}} on teie {{app}} registreerimiskood. Kehtib {{minutes}} min. Ärge jagage seda kellegagi.',
    login: '{{code}} on teie {{app}} sisselogimiskood. Kehtib {{minutes}} min. Ärge jagage seda kellegagi.',
    two_factor: '{{code}} on teie {{app}} turvakood. Kehtib {{minutes}} min. Ärge jagage seda kellegagi.',
    password_reset: '{{code}} on teie {{app}} parooli lähtestamise kood. Kehtib {{minutes}} min. Ärge jagage seda kellegagi.',
    phone_change: '{{code}} on teie {{app}} telefoninumbri muutmise kood. Kehtib {{minutes}} min. Ärge jagage seda kellegagi.',
    payment: '{{code}} on teie {{app}} kinnituskood: {{details}}. Kehtib {{minutes}} min. Ärge jagage seda kellegagi.',
    marketing_opt_in: '{{code}} on kood, millega kinnitate, et soovite {{app}} SMS-e. Kehtib {{minutes}} min.',
    other: '{{code}} on teie {{app}} kood. Kehtib {{minutes}} min. Ärge jagage seda kellegagi.',
  },
  notice: {
    password_changed: 'Teie {{app}} parool muudeti. Kui te seda ise ei teinud, pöörduge kohe klienditoe poole.',
    password_reset: 'Teie {{app}} parool lähtestati. Kui te seda ise ei teinud, pöörduge kohe klienditoe poole.',
    phone_changed_old: 'Teie {{app}} konto telefoninumber muudeti. Kui te seda ise ei teinud, pöörduge kohe klienditoe poole.',
    phone_changed_new: 'See telefoninumber kuulub nüüd teie {{app}} kontole.',
    security_alert: 'Teie {{app}} kontol märgati ebatavalist tegevust. Kui see ei olnud teie, pöörduge kohe klienditoe poole.',
  },
}
