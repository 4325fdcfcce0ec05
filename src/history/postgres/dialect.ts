import {
  type DatabaseConnection,
  type DataTypeNode,
  PostgresDialect,
  PostgresDriver,
  type PostgresPool,
  PostgresQueryCompiler,
} from 'kysely';

/**
 * Kysely's PostgreSQL dialect in which types mean what they mean in SQLite: text sorts by its bytes whatever the locale of
 * the server, and whole numbers have 64 bits.
 */
export class ByteOrderDialect extends PostgresDialect {
  readonly #pool: PostgresPool;

  constructor(pool: PostgresPool) {
    super({ pool });
    this.#pool = pool;
  }

  override createQueryCompiler(): PostgresQueryCompiler {
    return new ByteOrderCompiler();
  }

  override createDriver(): PostgresDriver {
    return new FirstErrorDriver({ pool: this.#pool });
  }
}

const TYPES: Record<string, string> = { text: 'text collate "C"', integer: 'bigint' };

class ByteOrderCompiler extends PostgresQueryCompiler {
  protected override visitDataType(node: DataTypeNode): void {
    this.append(TYPES[node.dataType] ?? node.dataType);
  }
}

class FirstErrorDriver extends PostgresDriver {
  /** On a broken connection the rollback fails too; its error would hide why. The pool throws such a connection away. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await super.rollbackTransaction(connection).catch(() => undefined);
  }
}
