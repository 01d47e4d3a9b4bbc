/** Names that drawn requests give and ask for, few enough to meet again. */
export const clients = Array.from({ length: 30 }, (_, index) => `client-${index}`);
export const sets = Array.from({ length: 12 }, (_, index) => `set-${index}`);
export const kids = ['', 'a', 'b', 'public:a', 'private:a', 'ä/ö', '%2e'];
export const users = ['alice', 'bob@example.org', 'user-0', 'user-1', 'user-2'];
