package pair

// Solo is the role of whoever sits at the box's own machine where nobody pairs: a
// laptop that tries the box out, or that is the box and its only desk. It may do
// everything; no phone can come in as it.
const Solo Role = "seul"
