import { type DatabaseSync } from 'node:sqlite';

/** Something kept in memory for each open database, made when first asked for and gone with the database. */
export function perDatabase<T extends object>(make: () => T): (db: DatabaseSync) => T {
  const made = new WeakMap<DatabaseSync, T>();
  return (db) => {
    let own = made.get(db);
    if (own === undefined) {
      own = make();
      made.set(db, own);
    }
    return own;
  };
}
