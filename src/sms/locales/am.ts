import type { Texts } from './texts.js'

export const am: Texts = {
  code: {
    registration: '{{code}} የ{{app}} መመዝገቢያ ኮድዎ ነው። ለማንም አያጋሩ።',
    login: '{{code}} የ{{app}} መግቢያ ኮድዎ ነው። ለማንም አያጋሩ።',
    two_factor: '{{code}} የ{{app}} ደህንነት ኮድዎ ነው። ለማንም አያጋሩ።',
    password_reset: '{{code}} የ{{app}} የይለፍ ቃል ዳግም ማስጀመሪያ ኮድዎ ነው። ለማንም አያጋሩ።',
    phone_change: '{{code}} የ{{app}} ስልክ ቁጥር መቀየሪያ ኮድዎ ነው። ለማንም አያጋሩ።',
    payment: '{{code}} የ{{app}} ማረጋገጫ ኮድዎ ነው፦ {{details}}።',
    marketing_opt_in: '{{code}} ከ{{app}} SMS ለመቀበል የማረጋገጫ ኮድዎ ነው። ለ{{minutes}} ደቂቃ ያገለግላል።',
    other: '{{code}} የ{{app}} ኮድዎ ነው። ለ{{minutes}} ደቂቃ ያገለግላል። ለማንም አያጋሩ።',
  },
  notice: {
    password_changed: 'የ{{app}} የይለፍ ቃልዎ ተቀይሯል። እርስዎ ካልሆኑ ወዲያውኑ ያግኙን።',
    password_reset: 'የ{{app}} የይለፍ ቃልዎ ዳግም ተጀምሯል። እርስዎ ካልሆኑ ወዲያውኑ ያግኙን።',
    phone_changed_old: 'የ{{app}} መለያዎ ስልክ ቁጥር ተቀይሯል። እርስዎ ካልሆኑ ወዲያውኑ ያግኙን።',
    phone_changed_new: 'ይህ ስልክ ቁጥር አሁን ከ{{app}} መለያዎ ጋር ተያይዟል።',
    security_alert: 'በ{{app}} መለያዎ ያልተለመደ እንቅስቃሴ ታይቷል። እርስዎ ካልሆኑ ወዲያውኑ ያግኙን።',
  },
}
