"""Forty texts that run where a page forgets to escape; each sets `ran`, or leaves an element that `TRACES` finds."""

PAYLOADS = (
    "<script>ran=1</script>",
    "</script><script>ran=1</script>",
    "</title><script>ran=1</script>",
    "</textarea><script>ran=1</script>",
    "</option></select><script>ran=1</script>",
    "<ScRiPt>ran=1</sCrIpT>",
    "<scr<script>ipt>ran=1</scr</script>ipt>",
    "<img src=x onerror=ran=1>",
    "<img/src=x/onerror=ran=1>",
    "<img src=x onerror=alert(1)//",
    '"><img src=x onerror=ran=1>',
    "'><img src=x onerror=ran=1>",
    "`><img src=x onerror=ran=1>",
    '" autofocus onfocus=ran=1 x="',
    "' autofocus onfocus=ran=1 x='",
    '" onmouseover="ran=1',
    '" style="position:fixed;inset:0" a="',
    "<svg onload=ran=1>",
    "<svg><script>ran=1</script></svg>",
    "<svg><a xlink:href=javascript:ran=1><text>x",
    "<math><a xlink:href=javascript:ran=1>x",
    "<math><mtext><style><img src onerror=ran=1>",
    "<noscript><p title='</noscript><img src onerror=ran=1>'>",
    "<details open ontoggle=ran=1>",
    "<body onload=ran=1>",
    "<iframe srcdoc='<script>top.ran=1</script>'>",
    "<object data=javascript:ran=1>",
    "<a href=javascript:ran=1>x</a>",
    "javascript:ran=1",
    "<base href=//planted.test/>",
    "<meta http-equiv=refresh content=0;//planted.test>",
    "<style>*{display:none}</style>",
    "<form action=//planted.test><button>x",
    "{{ 7|add:'7' }}{% debug %}${7*7}",
    "<b hx-on:load=ran=1 hx-get=/ hx-trigger=load>",
    "<b data-hx-on--load=ran=1>",
    '"}]</script><script>ran=1</script>',
    "\\u003cimg src onerror=ran=1\\u003e&lt;img&gt;",
    "\u202e<img src=x onerror=ran=1>\u2066\u200f",
    "\uff1cscript\uff1eran=1\u2028<\u0130mg onerror=ran=1><!--",
)
# What none of the site's own pages has; a policy that stops a script leaves the element it stood in.
TRACES = (
    "[onerror],[onload],[onfocus],[onmouseover],[ontoggle],[hx-on\\:load],[data-hx-on--load],body style,[style*=inset],"
    "iframe,object,base,math,meta[http-equiv],a[href^='javascript:'],form[action*='//planted'],body script:not([src])"
)
