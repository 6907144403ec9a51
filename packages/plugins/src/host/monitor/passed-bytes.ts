/** Bytes of a body or a message, or of several. */
const weigh = (value: unknown): number => {
  if (typeof value === 'string') return Buffer.byteLength(value)
  if (value instanceof Uint8Array) return value.byteLength
  return Array.isArray(value) ? value.reduce<number>((sum, one) => sum + weigh(one), 0) : 0
}

const networkMethods = new Set(['http.fetch', 'ws.send', 'ws.receive'])

/** Bytes that a request to the broker, or its answer, takes over the network; 0 for what stays on this machine. */
export const passed = (method: string, value: unknown): number => {
  if (!networkMethods.has(method)) return 0
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return weigh(value)
  const { body, message } = value as { readonly body?: unknown; readonly message?: unknown }
  return weigh(body ?? message)
}
