-- resourceVersions are decimal strings of any length (Kubernetes compares them as numbers).
local function atLeast(version, other)
  if #version == #other then return version >= other end
  return #version > #other
end
