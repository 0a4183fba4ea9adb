import type { Texts } from './texts.js'

export const ko: Texts = {
  code: {
    registration: '{{code}}: {{app}} 회원가입 인증번호입니다. 유효시간 {{minutes}}분. 타인에게 알려주지 마십시오.',
    login: '{{code}}: {{app}} 로그인 인증번호입니다. 유효시간 {{minutes}}분. 타인에게 알려주지 마십시오.',
    two_factor: '{{code}}: {{app}} 보안 인증번호입니다. 유효시간 {{minutes}}분. 타인에게 알려주지 마십시오.',
    password_reset: '{{code}}: {{app}} 비밀번호 재설정 인증번호입니다. 유효시간 {{minutes}}분. 타인에게 알려주지 마십시오.',
    phone_change: '{{code}}: {{app}} 전화번호 변경 인증번호입니다. 유효시간 {{minutes}}분. 타인에게 알려주지 마십시오.',
    payment: '{{code}}: {{app}} 승인 인증번호입니다. {{details}}. 타인에게 알려주지 마십시오.',
    marketing_opt_in: '{{code}}: {{app}} 문자 수신 동의 인증번호입니다. 유효시간 {{minutes}}분.',
    other: '{{code}}: {{app}} 인증번호입니다. 유효시간 {{minutes}}분. 타인에게 알려주지 마십시오.',
  },
  notice: {
    password_changed: '{{app}} 비밀번호가 변경되었습니다. 본인이 아닌 경우 즉시 연락해 주십시오.',
    password_reset: '{{app}} 비밀번호가 재설정되었습니다. 본인이 아닌 경우 즉시 연락해 주십시오.',
    phone_changed_old: '{{app}} 계정의 전화번호가 변경되었습니다. 본인이 아닌 경우 즉시 연락해 주십시오.',
    phone_changed_new: '이 전화번호가 {{app}} 계정에 등록되었습니다.',
    security_alert: '{{app}} 계정에서 비정상적인 활동이 감지되었습니다. 본인이 아닌 경우 즉시 연락해 주십시오.',
  },
}
