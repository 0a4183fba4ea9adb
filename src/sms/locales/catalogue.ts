import { am } from './am.js'
import { ar } from './ar.js'
import { bg } from './bg.js'
import { bn } from './bn.js'
import { ca } from './ca.js'
import { cs } from './cs.js'
import { da } from './da.js'
import { de } from './de.js'
import { el } from './el.js'
import { en } from './en.js'
import { es } from './es.js'
import { et } from './et.js'
import { fa } from './fa.js'
import { fi } from './fi.js'
import { fil } from './fil.js'
import { fr } from './fr.js'
import { he } from './he.js'
import { hi } from './hi.js'
import { hr } from './hr.js'
import { hu } from './hu.js'
import { id } from './id.js'
import { it } from './it.js'
import { ja } from './ja.js'
import { ko } from './ko.js'
import { lt } from './lt.js'
import { lv } from './lv.js'
import { mr } from './mr.js'
import { ms } from './ms.js'
import { nb } from './nb.js'
import { nl } from './nl.js'
import { pl } from './pl.js'
import { pt } from './pt.js'
import { ptPt } from './pt-pt.js'
import { ro } from './ro.js'
import { ru } from './ru.js'
import { sk } from './sk.js'
import { sl } from './sl.js'
import { sr } from './sr.js'
import { sv } from './sv.js'
import { sw } from './sw.js'
import { ta } from './ta.js'
import { te } from './te.js'
import type { Texts } from './texts.js'
import { th } from './th.js'
import { tr } from './tr.js'
import { uk } from './uk.js'
import { ur } from './ur.js'
import { vi } from './vi.js'
import { zhHans } from './zh-hans.js'
import { zhHant } from './zh-hant.js'

/** Every language, by its BCP 47 tag. */
export const catalogue: Readonly<Record<string, Texts>> = {
  am,
  ar,
  bg,
  bn,
  ca,
  cs,
  da,
  de,
  el,
  en,
  es,
  et,
  fa,
  fi,
  fil,
  fr,
  he,
  hi,
  hr,
  hu,
  id,
  it,
  ja,
  ko,
  lt,
  lv,
  mr,
  ms,
  nb,
  nl,
  pl,
  pt,
  'pt-PT': ptPt,
  ro,
  ru,
  sk,
  sl,
  sr,
  sv,
  sw,
  ta,
  te,
  th,
  tr,
  uk,
  ur,
  vi,
  'zh-Hans': zhHans,
  'zh-Hant': zhHant,
}
