/** The part of the WebOTP API (W3C, Web OTP API) that is used here. */
interface WebOtpGlobal {
  readonly OTPCredential?: unknown
  readonly navigator?: {
    readonly credentials?: {
      get(options: { otp: { transport: ['sms'] }; signal?: AbortSignal | undefined }): Promise<{ readonly code?: unknown } | null>
    }
  }
}

/** The code of an SMS that names this page's host in its last line, or undefined: unsupported, declined, aborted. Never rejects. */
export async function waitForCode({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<string | undefined> {
  const { OTPCredential, navigator } = globalThis as unknown as WebOtpGlobal
  if (OTPCredential === undefined) return undefined
  try {
    const credential = await navigator?.credentials?.get({ otp: { transport: ['sms'] }, ...(signal && { signal }) })
    return typeof credential?.code === 'string' ? credential.code : undefined
  } catch {
    return undefined
  }
}
