export const columns = 'position, stream, revision, id, type, data, metadata';

/** Parameters: the stream, the first revision, how many. */
export const selectStreamSql = `SELECT ${columns} FROM events WHERE stream = ? AND revision >= ? ORDER BY revision LIMIT ?`;

/** Parameters: the position in front, how many. */
export const selectAllSql = `SELECT ${columns} FROM events WHERE position > ? ORDER BY position LIMIT ?`;

/** As many as there are. */
export const noLimit = -1;
