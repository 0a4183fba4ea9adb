import type { Texts } from './texts.js'

export const fi: Texts = {
  code: {
    registration: '{{code}} on palvelun {{app}} rekisteröitymiskoodi. Voimassa {{minutes}} min. Älä kerro sitä kenellekään.',
    login: '{{code}} on palvelun {{app}} kirjautumiskoodi. Voimassa {{minutes}} min. Älä kerro sitä kenellekään.',
    two_factor: '{{code}} on palvelun {{app}} turvakoodi. Voimassa {{minutes}} min. Älä kerro sitä kenellekään.',
    password_reset: '{{code}} on koodi palvelun {{app}} salasanan vaihtamiseen. Voimassa {{minutes}} min. Älä kerro sitä kenellekään.',
    phone_change: '{{code}} on koodi palvelun {{app}} puhelinnumeron vaihtamiseen. Voimassa {{minutes}} min. Älä kerro sitä kenellekään.',
    payment: '{{code}} on vahvistuskoodi palvelussa {{app}}: {{details}}. Voimassa {{minutes}} min. Älä kerro sitä kenellekään.',
    marketing_opt_in: '{{code}} on koodi, jolla vahvistat haluavasi tekstiviestejä palvelulta {{app}}. Voimassa {{minutes}} min.',
    other: '{{code}} on palvelun {{app}} koodi. Voimassa {{minutes}} min. Älä kerro sitä kenellekään.',
  },
  notice: {
    password_changed: 'Salasanasi palvelussa {{app}} on vaihdettu. Jos et tehnyt tätä itse, ota heti yhteyttä asiakaspalveluun.',
    password_reset: 'Salasanasi palvelussa {{app}} on nollattu. Jos et tehnyt tätä itse, ota heti yhteyttä asiakaspalveluun.',
    phone_changed_old: 'Tilisi puhelinnumero palvelussa {{app}} on vaihdettu. Jos et tehnyt tätä itse, ota heti yhteyttä asiakaspalveluun.',
    phone_changed_new: 'Tämä puhelinnumero kuuluu nyt tiliisi palvelussa {{app}}.',
    security_alert:
      'Tililläsi palvelussa {{app}} on havaittu epätavallista toimintaa. Jos se et ollut sinä, ota heti yhteyttä asiakaspalveluun.',
  },
}
