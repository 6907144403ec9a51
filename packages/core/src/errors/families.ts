import { AppError, type AppErrorOptions } from './app-error.ts'
import { auditCodes } from './audit-codes.ts'
import { authCodes } from './auth-codes.ts'
import {
  configurationCodes,
  databaseCodes,
  egressCodes,
  limitCodes,
  modelCodes,
  pluginCodes,
  requestCodes,
  validationCodes,
} from './codes.ts'
import { jobCodes } from './job-codes.ts'
import { secretCodes } from './secret-codes.ts'

/** A request that cannot be served as it was sent. */
export class ClientError extends AppError<keyof typeof requestCodes> {
  override readonly name = 'ClientError'
  constructor(code: keyof typeof requestCodes, message: string, options?: AppErrorOptions) {
    super({ table: requestCodes, code }, message, options)
  }
}

/** Input that does not fit its schema. */
export class ValidationError extends AppError<keyof typeof validationCodes> {
  override readonly name = 'ValidationError'
  constructor(code: keyof typeof validationCodes, message: string, options?: AppErrorOptions) {
    super({ table: validationCodes, code }, message, options)
  }
}

/** A credential that is missing, wrong or not enough. */
export class AuthError extends AppError<keyof typeof authCodes> {
  override readonly name = 'AuthError'
  constructor(code: keyof typeof authCodes, message: string, options?: AppErrorOptions) {
    super({ table: authCodes, code }, message, options)
  }
}

/** Settings or surroundings with which the server cannot run. */
export class ConfigurationError extends AppError<keyof typeof configurationCodes> {
  override readonly name = 'ConfigurationError'
  constructor(code: keyof typeof configurationCodes, message: string, options?: AppErrorOptions) {
    super({ table: configurationCodes, code }, message, options)
  }
}

/** Storage that cannot do what was asked. */
export class DatabaseError extends AppError<keyof typeof databaseCodes> {
  override readonly name = 'DatabaseError'
  constructor(code: keyof typeof databaseCodes, message: string, options?: AppErrorOptions) {
    super({ table: databaseCodes, code }, message, options)
  }
}

/** A plugin that is missing, refused, broken or late. */
export class PluginError extends AppError<keyof typeof pluginCodes> {
  override readonly name = 'PluginError'
  constructor(code: keyof typeof pluginCodes, message: string, options?: AppErrorOptions) {
    super({ table: pluginCodes, code }, message, options)
  }
}

/** A language model that cannot answer. */
export class ModelError extends AppError<keyof typeof modelCodes> {
  override readonly name = 'ModelError'
  constructor(code: keyof typeof modelCodes, message: string, options?: AppErrorOptions) {
    super({ table: modelCodes, code }, message, options)
  }
}

/** Secrets that cannot be read, kept or trusted. */
export class SecretError extends AppError<keyof typeof secretCodes> {
  override readonly name = 'SecretError'
  constructor(code: keyof typeof secretCodes, message: string, options?: AppErrorOptions) {
    super({ table: secretCodes, code }, message, options)
  }
}

/** An audit that cannot be kept or trusted. */
export class AuditError extends AppError<keyof typeof auditCodes> {
  override readonly name = 'AuditError'
  constructor(code: keyof typeof auditCodes, message: string, options?: AppErrorOptions) {
    super({ table: auditCodes, code }, message, options)
  }
}

/** A limit that was reached. */
export class LimitError extends AppError<keyof typeof limitCodes> {
  override readonly name = 'LimitError'
  constructor(code: keyof typeof limitCodes, message: string, options?: AppErrorOptions) {
    super({ table: limitCodes, code }, message, options)
  }
}

/** A request to the outside that was refused or failed. */
export class EgressError extends AppError<keyof typeof egressCodes> {
  override readonly name = 'EgressError'
  constructor(code: keyof typeof egressCodes, message: string, options?: AppErrorOptions) {
    super({ table: egressCodes, code }, message, options)
  }
}

/** A job that is missing, failed or was stopped. */
export class JobError extends AppError<keyof typeof jobCodes> {
  override readonly name = 'JobError'
  constructor(code: keyof typeof jobCodes, message: string, options?: AppErrorOptions) {
    super({ table: jobCodes, code }, message, options)
  }
}
