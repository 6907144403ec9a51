import { AuthError, type Principal, type Role, roles } from '@covent/core'

export const outranks = (one: Role, other: Role): boolean => roles.indexOf(one) < roles.indexOf(other)

/** Nobody hands out more than he holds. */
export const checkHandedOut = (
  principal: Principal,
  request: { readonly role: Role; readonly scopes?: readonly string[] },
): void => {
  if (outranks(request.role, principal.role))
    throw new AuthError(
      'auth.forbidden',
      `The role ${principal.role} cannot hand out the role ${request.role}.`,
    )
  const own = principal.scopes
  if (own === undefined || request.scopes?.every((scope) => own.includes(scope)) === true) return
  throw new AuthError(
    'auth.forbidden',
    `scopes: who has scopes hands out scopes of his own: ${own.join(', ')}`,
  )
}
