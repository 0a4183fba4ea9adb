import type { Texts } from './texts.js'

export const hi: Texts = {
  code: {
    registration: '{{code}} आपका {{app}} पंजीकरण कोड है। इसे किसी को न बताएँ।',
    login: '{{code}} आपका {{app}} लॉगिन कोड है। इसे किसी को न बताएँ।',
    two_factor: '{{code}} आपका {{app}} सुरक्षा कोड है। इसे किसी को न बताएँ।',
    password_reset: '{{code}} आपका {{app}} पासवर्ड रीसेट कोड है। इसे किसी को न बताएँ।',
    phone_change: '{{code}} आपका {{app}} फ़ोन नंबर बदलने का कोड है। किसी को न बताएँ।',
    payment: '{{code}} आपका {{app}} पुष्टि कोड है: {{details}}।',
    marketing_opt_in: '{{code}} {{app}} के SMS पाने की पुष्टि का कोड है। {{minutes}} मिनट तक मान्य।',
    other: '{{code}} आपका {{app}} कोड है। {{minutes}} मिनट तक मान्य। किसी को न बताएँ।',
  },
  notice: {
    password_changed: 'आपका {{app}} पासवर्ड बदला गया है। यदि आपने नहीं बदला, तो बताएँ।',
    password_reset: 'आपका {{app}} पासवर्ड रीसेट हुआ है। यदि आपने नहीं किया, तो बताएँ।',
    phone_changed_old: 'आपके {{app}} खाते का फ़ोन नंबर बदला गया। आपने नहीं किया तो बताएँ।',
    phone_changed_new: 'यह फ़ोन नंबर अब आपके {{app}} खाते से जुड़ा है।',
    security_alert: 'आपके {{app}} खाते में असामान्य गतिविधि। यदि आप नहीं थे, तो बताएँ।',
  },
}
