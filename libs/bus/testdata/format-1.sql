CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID, STRICT;
INSERT INTO meta VALUES ('format', 1);
CREATE TABLE streams (
  id INTEGER PRIMARY KEY, topic TEXT NOT NULL, partition INTEGER NOT NULL,
  first INTEGER NOT NULL, next INTEGER NOT NULL, bytes INTEGER NOT NULL,
  UNIQUE (topic, partition)) STRICT;
INSERT INTO streams VALUES (1, 'in', 0, 0, 10, 470);
INSERT INTO streams VALUES (2, 'out', 0, 0, 5, 22);
CREATE TABLE records (
  position INTEGER PRIMARY KEY, appended_ms INTEGER NOT NULL, bytes INTEGER NOT NULL,
  key TEXT, headers TEXT, value BLOB NOT NULL) STRICT;
INSERT INTO records VALUES (1099511627776, 1700000000000, 47, NULL, '{"producer":"collector-1/8a1f","sequence":"1"}', X'31');
INSERT INTO records VALUES (1099511627777, 1700000000000, 47, NULL, '{"producer":"collector-1/8a1f","sequence":"2"}', X'32');
INSERT INTO records VALUES (1099511627778, 1700000000000, 47, NULL, '{"producer":"collector-1/8a1f","sequence":"3"}', X'33');
INSERT INTO records VALUES (1099511627779, 1700000000000, 47, NULL, '{"producer":"collector-1/8a1f","sequence":"3"}', X'33');
INSERT INTO records VALUES (1099511627780, 1700000000000, 47, NULL, '{"producer":"collector-1/8a1f","sequence":"4"}', X'34');
INSERT INTO records VALUES (1099511627781, 1700000000000, 47, NULL, '{"producer":"collector-1/8a1f","sequence":"5"}', X'35');
INSERT INTO records VALUES (1099511627782, 1700000000000, 47, NULL, '{"producer":"collector-1/8a1f","sequence":"6"}', X'36');
INSERT INTO records VALUES (1099511627783, 1700000000000, 47, NULL, '{"producer":"collector-1/8a1f","sequence":"7"}', X'37');
INSERT INTO records VALUES (1099511627784, 1700000000000, 47, NULL, '{"producer":"collector-1/8a1f","sequence":"7"}', X'37');
INSERT INTO records VALUES (1099511627785, 1700000000000, 47, NULL, '{"producer":"collector-1/8a1f","sequence":"8"}', X'38');
INSERT INTO records VALUES (2199023255552, 1700000000000, 4, 'sum', NULL, X'31');
INSERT INTO records VALUES (2199023255553, 1700000000000, 4, 'sum', NULL, X'33');
INSERT INTO records VALUES (2199023255554, 1700000000000, 4, 'sum', NULL, X'36');
INSERT INTO records VALUES (2199023255555, 1700000000000, 5, 'sum', NULL, X'3130');
INSERT INTO records VALUES (2199023255556, 1700000000000, 5, 'sum', NULL, X'3135');
CREATE TABLE members (
  id INTEGER PRIMARY KEY, "group" TEXT NOT NULL, stream INTEGER NOT NULL REFERENCES streams,
  next INTEGER NOT NULL, resume INTEGER NOT NULL, lost INTEGER NOT NULL, repetitions TEXT,
  UNIQUE ("group", stream)) STRICT;
INSERT INTO members VALUES (1, 'sum', 1, 6, 6, 0, '{"format":1,"producers":[["collector-1/8a1f",[1,2,3,4,5]]],"repeated":[]}');
INSERT INTO members VALUES (2, 'last', 1, 6, 4, 0, '{"format":1,"producers":[["collector-1/8a1f",[1,2,3,4,5]]],"repeated":[]}');
CREATE TABLE states (
  id INTEGER PRIMARY KEY, member INTEGER NOT NULL REFERENCES members, key TEXT NOT NULL, value BLOB NOT NULL,
  UNIQUE (member, key)) STRICT;
INSERT INTO states VALUES (1, 1, 'sum', X'3135');
