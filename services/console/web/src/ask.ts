type Asked = Omit<RequestInit, 'headers'> & { readonly headers?: Readonly<Record<string, string>> }

/** Rejects with what the server says against it, or with what keeps it from being asked. */
export async function ask<Answer>(path: string, init: Asked = {}): Promise<Answer> {
  const response = await fetch(path, {
    cache: 'no-store',
    ...init,
    headers: { accept: 'application/json', ...init.headers }
  }).catch((cause: Error) => {
    // fetch says a refused connection as a TypeError whose text differs by browser.
    throw cause.name === 'AbortError' ? cause : new Error('the server cannot be reached', { cause })
  })
  if (response.status === 401) location.reload()
  if (!response.ok) {
    const answer = (await response.json().catch(() => ({}))) as { readonly message?: string }
    throw new Error(answer.message ?? `the server answered ${response.status}`)
  }
  // A proxy's login page is no answer either.
  return (await response.json().catch(cause => {
    throw new Error('the answer is not JSON', { cause })
  })) as Answer
}
