import type { Texts } from './texts.js'

export const te: Texts = {
  code: {
    registration: '{{code}} మీ {{app}} నమోదు కోడ్. దీన్ని ఎవరికీ చెప్పవద్దు.',
    login: '{{code}} మీ {{app}} లాగిన్ కోడ్. దీన్ని ఎవరికీ చెప్పవద్దు.',
    two_factor: '{{code}} మీ {{app}} భద్రతా కోడ్. దీన్ని ఎవరికీ చెప్పవద్దు.',
    password_reset: '{{code}} మీ {{app}} సంకేతపదం రీసెట్ కోడ్. ఎవరికీ చెప్పవద్దు.',
    phone_change: '{{code}} మీ {{app}} ఫోన్ నంబర్ మార్పు కోడ్. ఎవరికీ చెప్పవద్దు.',
    payment: '{{code}} మీ {{app}} నిర్ధారణ కోడ్: {{details}}.',
    marketing_opt_in: '{{code}} మీ {{app}} SMS సమ్మతి కోడ్. {{minutes}} నిమి. చెల్లుతుంది.',
    other: '{{code}} మీ {{app}} కోడ్. {{minutes}} నిమి. చెల్లుతుంది. ఎవరికీ చెప్పవద్దు.',
  },
  notice: {
    password_changed: 'మీ {{app}} సంకేతపదం మారింది. మీరు మార్చకపోతే మాకు తెలియజేయండి.',
    password_reset: 'మీ {{app}} సంకేతపదం రీసెట్ అయింది. మీరు చేయకపోతే తెలియజేయండి.',
    phone_changed_old: 'మీ {{app}} ఖాతా ఫోన్ నంబర్ మారింది. మీరు మార్చకపోతే తెలియజేయండి.',
    phone_changed_new: 'ఈ ఫోన్ నంబర్ ఇప్పుడు మీ {{app}} ఖాతాకు జోడించబడింది.',
    security_alert: 'మీ {{app}} ఖాతాలో అసాధారణ చర్య. అది మీరు కాకపోతే తెలియజేయండి.',
  },
}
