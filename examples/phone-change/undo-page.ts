import type { Language, Sentence } from '../service/language.js'

const sentences = {
  title: { fr: 'Annuler le changement de numéro', en: 'Undo the change of number' },
  explains: {
    fr: 'Votre compte retrouve l’ancien numéro, toutes les sessions sont fermées et le mot de passe est à remplacer.',
    en: 'Your account gets its old number back, all sessions end, and the password has to be replaced.',
  },
  token: { fr: 'Ce qui suit # dans le lien du SMS', en: 'What follows # in the link of the text' },
  undo: { fr: 'Annuler le changement', en: 'Undo the change' },
  script: { fr: 'Cette page a besoin de JavaScript.', en: 'This page needs JavaScript.' },
  failed: { fr: 'Pas de réponse. Réessayez.', en: 'No answer. Try again.' },
} as const satisfies Readonly<Record<string, Sentence>>

/** The same for everybody: the token stands behind the #, which no browser sends, so no log and no link scanner has it. */
export const undoPage = (language: Language, endpoint: string): string => {
  const said = (name: keyof typeof sentences) => sentences[name][language]
  return `<!doctype html>
<html lang="${language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${said('title')}</title>
<body>
<h1>${said('title')}</h1>
<p>${said('explains')}</p>
<form action="${endpoint}" data-failed="${said('failed')}">
<p><label>${said('token')}<br><input name="token" required autocomplete="off" spellcheck="false"></label></p>
<p><button>${said('undo')}</button></p>
</form>
<p role="status"></p>
<noscript>${said('script')}</noscript>
<script type="module" src="/phone/undo.js"></script>
</body>
</html>
`
}
