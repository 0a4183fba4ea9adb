import { passwordSentences } from '../accounts/password-policy.js'
import type { Sentence } from '../service/language.js'

/** What replies say. */
export const sentences = {
  registered: {
    fr: "Compte créé avec succès. Un code d'activation a été envoyé par SMS.",
    en: 'Account created. An activation code was sent by text message.',
  },
  activated: {
    fr: 'Compte activé avec succès. Vous pouvez maintenant vous connecter.',
    en: 'Account activated. You can sign in now.',
  },
  resent: { fr: "Un nouveau code d'activation a été envoyé.", en: 'A new activation code was sent.' },
  registrationFailed: { fr: "Erreur lors de l'inscription", en: 'Registration failed' },
  wrongCode: { fr: "Code d'activation incorrect.", en: 'Wrong activation code.' },
  unknownRegistration: {
    fr: 'Cette inscription est inconnue ou a expiré. Inscrivez-vous à nouveau.',
    en: 'This registration is unknown or has expired. Register again.',
  },
  profileChanged: { fr: 'Profil mis à jour avec succès.', en: 'Profile updated.' },
} as const satisfies Readonly<Record<string, Sentence>>

/** What is said of a field. Schemas name these by their keys. */
export const fieldSentences = {
  ...passwordSentences,
  phone_required: { fr: 'Le numéro de téléphone est obligatoire.', en: 'The phone number is required.' },
  phone_invalid: { fr: 'Le numéro de téléphone est invalide.', en: 'The phone number is invalid.' },
  invalid_phone_number: { fr: 'Le numéro de téléphone est invalide.', en: 'The phone number is invalid.' },
  phone_length: {
    fr: 'Le numéro de téléphone doit contenir entre 9 et 15 chiffres.',
    en: 'The phone number must have 9 to 15 digits.',
  },
  country_not_allowed: { fr: 'Les numéros de ce pays ne sont pas acceptés.', en: 'Numbers of this country are not accepted.' },
  number_type_not_allowed: { fr: 'Il faut un numéro de téléphone mobile.', en: 'It must be the number of a mobile phone.' },
  undeliverable: { fr: 'Ce numéro ne peut pas recevoir de SMS.', en: 'This number cannot receive text messages.' },
  phone_taken: {
    fr: 'Un utilisateur avec ce numéro de téléphone existe déjà.',
    en: 'A user with this phone number exists already.',
  },
  reset_instead: {
    fr: 'Connectez-vous, ou réinitialisez votre mot de passe.',
    en: 'Sign in, or reset your password.',
  },
  not_allowed: {
    fr:
      "Votre numéro de téléphone n'est pas autorisé à créer un compte sur cette plateforme. " +
      "Veuillez contacter le service client pour obtenir l'autorisation.",
    en: 'Your phone number is not allowed to create an account on this platform. Please contact customer service to be allowed.',
  },
  password_mismatch: { fr: 'Les mots de passe ne correspondent pas.', en: 'The passwords do not match.' },
  required: { fr: 'Ce champ est obligatoire.', en: 'This field is required.' },
  not_text: { fr: 'Ce champ doit être un texte.', en: 'This field must be a text.' },
  characters: { fr: 'Ce texte contient des caractères interdits.', en: 'This text contains forbidden characters.' },
  name_too_long: { fr: '150 caractères au plus.', en: '150 characters at most.' },
  address_too_long: { fr: '500 caractères au plus.', en: '500 characters at most.' },
  apartment_too_long: { fr: '3 caractères au plus.', en: '3 characters at most.' },
  notes_too_long: { fr: '500 caractères au plus.', en: '500 characters at most.' },
  email_invalid: { fr: 'Saisissez une adresse e-mail valide.', en: 'Enter a valid e-mail address.' },
  registration_unknown: sentences.unknownRegistration,
} as const satisfies Readonly<Record<string, Sentence>>
