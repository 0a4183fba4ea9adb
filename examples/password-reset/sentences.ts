import type { Sentence } from '../service/language.js'

/** What the app says, besides the sentences of passwords and of the guards. */
export const sentences = {
  invalidPhone: { fr: 'Ce numéro de téléphone est invalide.', en: 'This phone number is not valid.' },
  sentIfKnown: {
    fr: 'Si un compte existe avec ce numéro, un code vient de lui être envoyé par SMS.',
    en: 'If there is an account with this number, a code was sent to it by text message.',
  },
  invalidCode: {
    fr: 'Code incorrect, expiré ou déjà utilisé. Réessayez, ou demandez un nouveau code.',
    en: 'Wrong, expired or used code. Try again, or ask for a new code.',
  },
  proven: { fr: 'Code confirmé. Choisissez un nouveau mot de passe.', en: 'Code confirmed. Choose a new password.' },
  provenTotp: {
    fr: 'Code confirmé. Choisissez un nouveau mot de passe et saisissez le code de votre application d’authentification.',
    en: 'Code confirmed. Choose a new password and enter the code of your authenticator app.',
  },
  totpIncorrect: { fr: 'Code de l’application d’authentification incorrect.', en: 'Wrong code of the authenticator app.' },
  stalePhone: {
    fr: 'Ce numéro n’a pas été confirmé depuis longtemps : un SMS ne suffit plus. Contactez-nous pour retrouver votre compte.',
    en: 'This number was last confirmed long ago: a text message is not enough any more. Contact us to recover your account.',
  },
  weakPassword: { fr: 'Ce mot de passe ne convient pas.', en: 'This password cannot be used.' },
  mismatch: { fr: 'Les deux mots de passe sont différents.', en: 'The two passwords differ.' },
  code_or_token: { fr: 'Donnez session_token et code, ou token.', en: 'Give session_token and code, or token.' },
  reset: {
    fr: 'Mot de passe réinitialisé. Vous pouvez maintenant vous connecter.',
    en: 'Password reset. You can sign in now.',
  },
  wrongPassword: { fr: 'Mot de passe actuel incorrect.', en: 'Wrong current password.' },
  noPhone: { fr: 'Votre compte n’a pas de numéro de téléphone.', en: 'Your account has no phone number.' },
  codeSent: { fr: 'Un code de vérification a été envoyé par SMS.', en: 'A verification code was sent by text message.' },
  notSent: { fr: 'Le SMS n’a pas pu être envoyé à votre numéro.', en: 'The text message could not be sent to your number.' },
  tooMany: { fr: 'Trop de demandes. Réessayez plus tard.', en: 'Too many requests. Try again later.' },
  changed: {
    fr: 'Mot de passe modifié. Vos autres appareils sont déconnectés.',
    en: 'Password changed. Your other devices are signed out.',
  },
} as const satisfies Readonly<Record<string, Sentence>>
